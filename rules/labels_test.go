package rules_test

import (
	"strings"
	"testing"

	"treadmill/rules"
)

func TestResultLabels(t *testing.T) {
	for expr, want := range map[string]string{ // + can have, - cannot
		`up`:                                   "+job +instance",
		`sum by (job) (up)`:                    "+job -instance",
		`sum(up)`:                              "-job",
		`sum without (job) (up)`:               "-job +instance",
		`sum without (job) (sum by (job) (x))`: "-job -instance",
		`topk by (job) (1, up)`:                "+job +instance",
		`count_values("v", up)`:                "+v -job",
		`a / on (job) b`:                       "+job -instance",
		`a / ignoring (job) b`:                 "-job +instance",
		`a / on (job) group_left (node) sum by (job, node) (b)`:          "+job +instance +node",
		`sum by (job) (a) / on (job) group_right (x) b`:                  "+job +instance +x",
		`sum by (job) (a) and b`:                                         "+job -instance",
		`sum by (a) (x) or sum by (b) (y)`:                               "+a +b -c",
		`sum by (a) (x) or y`:                                            "+a +b +c",
		`sum without (a) (x) or sum without (a, b) (y)`:                  "-a +b",
		`1 - sum by (job) (up)`:                                          "+job -instance",
		`(sum by (job) (up)) > 0`:                                        "+job -instance",
		`absent(up{job="a", env=~"b"})`:                                  "+job -env",
		`absent(up{job="a"} == 1)`:                                       "-job",
		`absent_over_time(up{job="a"}[5m])`:                              "+job -env",
		`vector(1)`:                                                      "-job",
		`time() - max by (job) (x)`:                                      "+job -instance",
		`label_replace(sum(x), "dst", "$1", "src", "(.*)")`:              "+dst -src",
		`histogram_quantile(0.9, sum by (le, job) (rate(x_bucket[5m])))`: "+job -le",
		`max_over_time(sum by (job) (x)[5m:1m])`:                         "+job -instance",
		`-sum by (job) (x)`:                                              "+job -instance",
		`scalar(x) * sum by (job) (y)`:                                   "+job -instance",
	} {
		e, err := rules.ParseExpr(expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		set := rules.ResultLabels(e)
		for _, w := range strings.Fields(want) {
			if set.Has(w[1:]) != (w[0] == '+') {
				t.Errorf("%s: want %s", expr, w)
			}
		}
	}
}
