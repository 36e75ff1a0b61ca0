package net

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Explain adds to an error of a connection what to do about it.
func Explain(err error) error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		return fmt.Errorf(
			"%w: the certificate of the server is signed by nobody who is trusted here; name its CA (ca_file under tls_config, or certificate-authority in the kubeconfig)",
			err,
		)
	case errors.As(err, &host):
		return fmt.Errorf(
			"%w: the certificate of the server is for another name; use that one, or say which is meant (server_name under tls_config, or tls-server-name in the kubeconfig)",
			err,
		)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("%w: look at the clock of this machine too", err)
	case errors.As(err, &record):
		return fmt.Errorf("%w: the server may speak plain http here; look at the scheme and the port of the address", err)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fmt.Errorf("%w: look at the scheme and the port of the address", err)
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("%w: no such name; look at the address, and at HTTP_PROXY where a proxy leads out", err)
	}
	return err
}
