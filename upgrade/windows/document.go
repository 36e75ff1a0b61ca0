package windows

import (
	"fmt"
	"math/big"
	"regexp"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// document is the form of a calendar file: one provider a document.
type document struct {
	Version      yamlx.At[int]        `yaml:"version,required"`
	Provider     yamlx.At[string]     `yaml:"provider,required"`
	Title        string               `yaml:"title"`
	Aliases      []yamlx.At[string]   `yaml:"aliases"`
	NodeSkew     *yamlx.At[int]       `yaml:"nodeSkew"`
	RollbackDays *yamlx.At[int]       `yaml:"rollbackDays"`
	Channels     []channelDoc         `yaml:"channels"`
	Extended     *priceDoc            `yaml:"extendedSupport"`
	Projection   projectionDoc        `yaml:"projection"`
	Notes        []string             `yaml:"notes"`
	Sources      map[string]sourceDoc `yaml:"sources"`
	Releases     map[string]string    `yaml:"releases"`
	Names        []nameDoc            `yaml:"names"`
	Terms        []termDoc            `yaml:"terms"`
	Dates        []factDoc            `yaml:"dates"`
}

type channelDoc struct {
	Name     string           `yaml:"name,required"`
	Aliases  []string         `yaml:"aliases"`
	Extended bool             `yaml:"extended"`
	Note     string           `yaml:"note"`
	Ends     Day              `yaml:"ends"`
	Then     string           `yaml:"then"`
	Source   yamlx.At[string] `yaml:"source"`
}

// nameDoc is a name of a version that has not come: what it is expected to be called, and who says so.
type nameDoc struct {
	Minor  yamlx.At[upgrade.Minor] `yaml:"minor,required"`
	Name   string                  `yaml:"name,required"`
	Source yamlx.At[string]        `yaml:"source,required"`
	Note   string                  `yaml:"note"`
}

type termDoc struct {
	Name string `yaml:"name,required"`
	Note string `yaml:"note"`
}

type priceDoc struct {
	PerHour  decimal          `yaml:"perClusterHour,required"`
	Currency currency         `yaml:"currency,required"`
	Source   yamlx.At[string] `yaml:"source"`
	Note     string           `yaml:"note"`
}

type projectionDoc struct {
	Lag      *lagDoc `yaml:"lag"`
	Standard *endDoc `yaml:"standard"`
	Extended *endDoc `yaml:"extended"`
	Second   *endDoc `yaml:"extended2"`
	Third    *endDoc `yaml:"extended3"`
}

type lagDoc struct {
	Since         upgrade.Minor `yaml:"since"`
	ChannelsSince upgrade.Minor `yaml:"channelsSince"`
}

type endDoc struct {
	After  yamlx.At[string] `yaml:"after,required"`
	Months yamlx.At[int]    `yaml:"months,required"`
	Day    yamlx.At[string] `yaml:"day"`
	Minors yamlx.At[string] `yaml:"minors"`
	Since  upgrade.Minor    `yaml:"since"`
	Until  upgrade.Minor    `yaml:"until"`
	Early  yamlx.At[int]    `yaml:"early"`
	Late   yamlx.At[int]    `yaml:"late"`
}

type sourceDoc struct {
	Title string `yaml:"title,required"`
	URL   string `yaml:"url"`
	Read  Day    `yaml:"read,required"`
}

type factDoc struct {
	Minor     yamlx.At[upgrade.Minor] `yaml:"minor,required"`
	Milestone yamlx.At[string]        `yaml:"milestone,required"`
	Date      yamlx.At[Day]           `yaml:"date,required"`
	Status    Status                  `yaml:"status,required"`
	Source    yamlx.At[string]        `yaml:"source,required"`
	Note      string                  `yaml:"note"`
	Early     yamlx.At[int]           `yaml:"early"`
	Late      yamlx.At[int]           `yaml:"late"`
	Pos       diag.Position
}

// currency is a code of ISO 4217.
type currency string

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (c *currency) UnmarshalText(text []byte) error {
	if !currencyForm.Match(text) {
		return fmt.Errorf("%q is not a currency: want a code such as USD", text)
	}
	*c = currency(text)
	return nil
}

// decimal is a price as it was written, up to nine digits on either side of the point.
type decimal struct{ big.Rat }

var decimalForm = regexp.MustCompile(`^\d{1,9}(\.\d{1,9})?$`)

func (d *decimal) UnmarshalText(text []byte) error {
	if !decimalForm.Match(text) {
		return fmt.Errorf("%q is not a price: want one such as 0.50", text)
	}
	d.SetString(string(text))
	return nil
}
