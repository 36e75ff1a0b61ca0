package prom

import (
	"context"

	"github.com/prometheus/common/config"

	"treadmill/internal/net"
)

// noteSecrets notes the secrets of a configuration. A file that cannot be read has none; whoever needs it will say so.
func noteSecrets(s *net.Secrets, c config.HTTPClientConfig) {
	file := func(name string) {
		if name != "" {
			if text, err := config.NewFileSecret(name).Fetch(context.Background()); err == nil {
				s.Add(text)
			}
		}
	}
	if c.BasicAuth != nil {
		s.Add(string(c.BasicAuth.Password))
		file(c.BasicAuth.PasswordFile)
	}
	if c.Authorization != nil {
		s.Add(string(c.Authorization.Credentials))
		file(c.Authorization.CredentialsFile)
	}
	if c.OAuth2 != nil {
		s.Add(string(c.OAuth2.ClientSecret))
		file(c.OAuth2.ClientSecretFile)
	}
	if c.HTTPHeaders != nil {
		for _, h := range c.HTTPHeaders.Headers {
			for _, word := range h.Secrets {
				s.Add(string(word))
			}
			for _, name := range h.Files {
				file(name)
			}
		}
	}
	s.Add(string(c.BearerToken))
	file(c.BearerTokenFile)
}
