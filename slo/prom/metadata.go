package prom

import (
	"context"
	"fmt"
)

// Types are the types of metrics that targets of the server declare: counter, gauge, histogram, summary. A metric that targets declare with
// several types has none.
func (c *Client) Types(ctx context.Context) (map[string]string, error) {
	all, err := c.api.Metadata(ctx, "", "")
	if err != nil {
		return nil, fmt.Errorf("ask Prometheus for the types of metrics: %w", c.plain(err))
	}
	out := make(map[string]string, len(all))
	for name, list := range all {
		for i, m := range list {
			if kind := string(m.Type); i == 0 {
				out[name] = kind
			} else if out[name] != kind {
				out[name] = ""
			}
		}
	}
	return out, nil
}
