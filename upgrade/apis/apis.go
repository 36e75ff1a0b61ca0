// Package apis finds out who uses which API of Kubernetes: it is the one place where manifests, charts, clusters and calls meet.
//
// The way of a manifest, each stage once and in this order:
//
//	read.Walk → read.Documents → helm → kustomize → gitops → read.Parser → refer, warn → Files
//
// Each stage up to the parser takes a sequence of documents and gives one: it makes documents of what stands for more (the
// folder of a chart, a kustomization, an Application) and passes the others on. Reader.Read is that way. What clusters and
// logs say comes by package live and package auditlog; Catalogues.Judge makes findings of all of it, and one finding of all
// that is known about one object. It prints nothing and knows no plan.
package apis
