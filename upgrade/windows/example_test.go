package windows_test

import (
	"fmt"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

func Example() {
	table, err := windows.Embedded()
	if err != nil {
		panic(err)
	}
	w, _ := table.Window("eks", upgrade.V1(34))
	fmt.Println("1.34:", w.StandardEnd.Day, w.StandardEnd.Status, w.StandardEnd.Source)
	w, _ = table.Window("eks", upgrade.V1(39))
	fmt.Println("1.39:", w.Available.Earliest(), "to", w.Available.Latest(), w.Available.Status)
	eks, _ := table.Provider("amazon-eks")
	fmt.Println("extended support:", eks.Extended, "per cluster and hour")
	// Output:
	// 1.34: 2026-12-02 announced aws-docs
	// 1.39: 2027-05-20 to 2027-06-09 projected
	// extended support: 0.50 USD per cluster and hour
}

func ExampleTable_Merge() {
	ours, findings := windows.Read("ours.yaml", []byte(`
version: 1
provider: eks
sources: {contract: {title: our contract, read: 2026-11-01}}
dates:
  - {minor: 1.34, milestone: standard, date: 2026-12-31, status: announced, source: contract}
`))
	if len(findings) > 0 {
		panic(findings[0])
	}
	table, err := windows.Embedded()
	if err != nil {
		panic(err)
	}
	w, _ := table.Merge(ours).Window("eks", upgrade.V1(34))
	fmt.Println(w.StandardEnd.Day, w.StandardEnd.Source)
	for _, c := range w.StandardEnd.Conflicts {
		fmt.Println("but", c.Day, c.Source)
	}
	// Output:
	// 2026-12-31 contract
	// but 2026-12-02 aws-docs
	// but 2026-12-02 eold
	// but 2026-12-02 guide
}
