package history

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx/edit"
)

// Append is the text of the file with one campaign more, everything else as it was written, comments too. The file must have been
// read without errors. What it gives was read again: it holds all campaigns of before, and the new one.
func (f File) Append(c Campaign) ([]byte, error) {
	text, err := f.with(c)
	if err != nil {
		return nil, fmt.Errorf("%s: no campaign can be added to the text: %w", f.Name, err)
	}
	if !f.reads(text, len(f.Campaigns)+1, len(f.Campaigns), c) {
		return nil, fmt.Errorf(
			"%s: no campaign can be added to the text: it would not be read again; write campaigns as a list with a line for each dash",
			f.Name,
		)
	}
	return text, nil
}

// Settle is the text of the file with a campaign that had not settled, by its place, as it is measured now.
func (f File) Settle(i int, c Campaign) ([]byte, error) {
	doc, err := edit.Only(f.Name, f.text)
	if err != nil {
		return nil, err
	}
	lost := fmt.Errorf("%s: the campaign in line %d cannot be changed in the text: it would not be read again", f.Name, f.Campaigns[i].Pos.Line)
	items := doc.Root.Get("campaigns").List()
	if i >= len(items) {
		return nil, lost
	}
	item, now := items[i], c.node()
	for _, field := range []string{"spent", "measured", "outcome", "source", "settles"} {
		switch was, is := item.Find(field), now.Find(field); {
		case was == nil && is != nil:
			item.Add(field, is.Value, nil)
		case was != nil && is == nil:
			item.Drop(was)
		case was != nil:
			was.Replace(is.Value)
		}
	}
	text, err := doc.Text()
	if err != nil {
		return nil, err
	}
	if !f.reads(text, len(f.Campaigns), i, c) {
		return nil, lost
	}
	return text, nil
}

// reads reports whether a text is read as so many campaigns, of which one is that at a place.
func (f File) reads(text []byte, campaigns, at int, c Campaign) bool {
	again, findings := Read(f.Name, text)
	return !diag.Any(findings, diag.Error) && len(again.Campaigns) == campaigns && again.Campaigns[at].Same(c)
}

func (f File) with(c Campaign) ([]byte, error) {
	text := f.text
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("version: " + strconv.Itoa(Version) + "\ncampaigns:\n")
	}
	doc, err := edit.Only(f.Name, text)
	if err != nil {
		return nil, err
	}
	list := doc.Root.Get("campaigns")
	switch e := doc.Root.Find("campaigns"); {
	case e == nil:
		doc.Root.Add("campaigns", edit.NewList(c.node()), nil)
	case list.Null() || list.Kind == edit.Sequence && len(list.Items) == 0:
		e.Replace(edit.NewList(c.node()))
	case list.Kind != edit.Sequence:
		return nil, fmt.Errorf("campaigns is no list of its own")
	default:
		list.Append(c.node())
	}
	out, err := doc.Text()
	if err == nil && !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	return out, err
}

// node is the campaign as an item of the list.
func (c Campaign) node() *edit.Node {
	n := edit.NewMap()
	add := func(field string, v *edit.Node) { n.Add(field, v, nil) }
	add("cluster", edit.Quoted(c.Cluster.V))
	if c.Group != "" {
		add("group", edit.Quoted(c.Group))
	}
	if c.Environment != "" {
		add("environment", edit.Quoted(c.Environment))
	}
	add("from", edit.Quoted(c.From.V.String()))
	add("to", edit.Quoted(c.To.V.String()))
	add("start", edit.Literal("!!timestamp", c.Start.V.Format(time.RFC3339)))
	add("end", edit.Literal("!!timestamp", c.End.V.Format(time.RFC3339)))
	if len(c.Spent) > 0 {
		spent := edit.NewMap().InFlow()
		for _, name := range c.SLOs() {
			e := edit.Field(name, edit.Plain(strconv.FormatFloat(float64(c.Spent[name])*100, 'f', 2, 64)+"%"))
			e.Key = edit.Quoted(name)
			spent.Entries = append(spent.Entries, e)
		}
		add("spent", spent)
	}
	if len(c.Measured) > 0 {
		measured := edit.NewMap().InFlow()
		for _, name := range slices.Sorted(maps.Keys(c.Measured)) {
			e := edit.Field(name, c.Measured[name].node())
			e.Key = edit.Quoted(name)
			measured.Entries = append(measured.Entries, e)
		}
		add("measured", measured)
	}
	if !c.Settles.V.IsZero() {
		add("settles", edit.Literal("!!timestamp", c.Settles.V.Format(time.RFC3339)))
	}
	if c.Outcome != "" {
		add("outcome", edit.Plain(string(c.Outcome)))
	}
	if c.Source != "" {
		add("source", edit.Plain(c.Source))
	}
	return n
}

func (m Measurement) node() *edit.Node {
	number := func(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }
	return edit.NewMap(
		edit.Field("bad", edit.Literal("!!float", number(m.Bad, 1))),
		edit.Field("total", edit.Literal("!!int", number(m.Total, 0))),
		edit.Field(
			"objective",
			edit.Plain(strconv.FormatFloat(float64(m.Objective)*100, 'g', 12, 64)+"%"),
		),
		edit.Field("period", edit.Plain(m.Period.String())),
	)
}
