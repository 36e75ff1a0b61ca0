package relax

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade/plan/model"
)

// teamRules relax the capacity of the teams that do the work.
func teamRules(p *model.Problem, u *model.Unit) []rule {
	var out []rule
	for _, x := range slices.Concat(tiers(u)...) {
		team := x.Cluster.Team.V
		if p.Room[team] == nil || slices.ContainsFunc(out, func(r rule) bool { return r.team == team }) {
			continue
		}
		out = append(out, rule{hops: true, team: team, grades: []relaxation{unlimited(team)}})
	}
	slices.SortFunc(out, func(a, b rule) int { return cmp.Compare(a.team, b.team) })
	return out
}

// unlimited gives a team as many hops a week as it takes.
func unlimited(team string) relaxation {
	return relaxation{say(fmt.Sprintf("give %s more hops a week", teamName(team))), func(t *trial) { t.room[team] = nil }}
}

func teamName(team string) string {
	if team == "" {
		return "the clusters without a team"
	}
	return team
}

// fewest finds hops by week that a team needs beyond what it has, so that none of them can be left out.
func (a *attempt) fewest(ctx context.Context, team string) relaxation {
	free := unlimited(team)
	after := a.works(ctx, free)
	if after == nil {
		return free
	}
	extra := over(after, team, a.newTrial(a.u, a.chain).room[team]) // weeks, as often as there are hops
	if len(extra) == 0 || a.works(ctx, more(team, extra)) == nil {
		return free
	}
	for size := len(extra); size > 0; size /= 2 {
		for at := 0; at < len(extra); {
			rest := slices.Delete(slices.Clone(extra), at, min(at+size, len(extra)))
			if len(rest) > 0 && a.works(ctx, more(team, rest)) != nil {
				extra = rest
			} else {
				at += size
			}
		}
	}
	out := more(team, extra)
	out.text = say(fmt.Sprintf("more hops for %s: %s%s", teamName(team), weeksText(a.p, extra), weeksLine(a.p, team, extra)))
	return out
}

// more gives a team hops in weeks.
func more(team string, weeks []int) relaxation {
	return relaxation{apply: func(t *trial) {
		for _, w := range weeks {
			t.room[team][w]++
		}
	}}
}

// over lists the weeks in which a team does more than it has room for, as often as there are hops too many.
func over(p *model.Problem, team string, room []int) []int {
	left := slices.Clone(room)
	for _, x := range p.Units {
		for _, w := range x.Work {
			for _, i := range w.Slots {
				if x.Cluster.Team.V == team {
					left[x.Slots.All[i].Week]--
				}
			}
		}
	}
	var out []int
	for week, n := range left {
		for ; n < 0; n++ {
			out = append(out, week)
		}
	}
	return out
}

func weeksText(p *model.Problem, weeks []int) string {
	var parts []string
	for at := 0; at < len(weeks); {
		n := 1
		for at+n < len(weeks) && weeks[at+n] == weeks[at] {
			n++
		}
		parts = append(parts, fmt.Sprintf("%d in %s", n, p.WeekName(weeks[at])))
		at += n
	}
	return strings.Join(parts, ", ")
}

// weeksLine is what to write into the fleet file to give a team hops in weeks; nothing for clusters without a team.
func weeksLine(p *model.Problem, team string, weeks []int) string {
	if team == "" {
		return ""
	}
	var parts []string
	for at := 0; at < len(weeks); {
		name, n := p.WeekName(weeks[at]), 1
		for at+n < len(weeks) && weeks[at+n] == weeks[at] {
			n++
		}
		has, _ := p.Fleet.InWeek(team, name)
		parts = append(parts, fmt.Sprintf("%s: %d", name, has+n))
		at += n
	}
	return fmt.Sprintf(" (teams.%s.weeks: {%s})", team, strings.Join(parts, ", "))
}
