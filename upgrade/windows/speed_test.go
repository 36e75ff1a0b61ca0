package windows_test

import (
	"testing"

	"treadmill/upgrade/windows"
)

// Every command that plans reads the table once.
func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := windows.Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}
