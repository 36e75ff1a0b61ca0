// Package arch keeps the walls of the house: which package may import which, as a test that reads the source in process.
//
// The tables arrows.txt and fences.txt are the drawing; docs/ARCHITECTURE.md says it in words.
package arch
