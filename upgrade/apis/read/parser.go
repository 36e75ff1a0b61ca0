package read

import "treadmill/internal/diag"

// Parser finds the objects of documents. Its memory is reused from one to the next.
type Parser struct {
	plain plain
}

// Read finds what names the objects of a document, by the line scanner if it can. The heads are good until the next call.
func (p *Parser) Read(d Document) (Heads, []diag.Finding) {
	if found, ok := p.plain.read(d.Text, d.Line); ok && (found.any() || !mayEmbed(d.Text)) && !found.have(OpenShiftTemplate) {
		return found, nil
	}
	slow := parser{file: d.File}
	slow.document(d.Text, d.Line)
	return slow.objects, slow.findings
}
