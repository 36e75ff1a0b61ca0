package fix

import "treadmill/upgrade/apis/lifecycle"

// rule returns what rewrites the fields of an API, or why nothing does. The apiVersion itself is not its business.
func rule(api lifecycle.API) (run func(*subject) error, reason string) {
	switch api.Rewrite {
	case lifecycle.Same:
		return func(*subject) error { return nil }, ""
	case lifecycle.Never:
		return nil, api.RewriteReason
	}
	switch api.Kind {
	case "Deployment", "DaemonSet", "ReplicaSet", "StatefulSet":
		return workload, ""
	case "Ingress":
		return ingress, ""
	case "CronJob":
		return cronJob, ""
	case "HorizontalPodAutoscaler":
		return autoscaler, ""
	case "CustomResourceDefinition":
		return definition, ""
	case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
		return webhooks, ""
	case "PodDisruptionBudget":
		return disruptionBudget, ""
	case "EndpointSlice":
		return endpointSlice, ""
	case "Event":
		return event, ""
	case "PriorityLevelConfiguration":
		return priorityLevel, ""
	case "RuntimeClass":
		return runtimeClass, ""
	case "RoleBinding", "ClusterRoleBinding":
		return binding, ""
	}
	return ruleOfDevices(api)
}

// ruleOfDevices is the rest of rule: APIs of the control plane and of devices.
func ruleOfDevices(api lifecycle.API) (run func(*subject) error, reason string) {
	switch api.Kind {
	case "ResourceClaim", "ResourceClaimTemplate":
		return claim, ""
	case "ResourceSlice":
		return resourceSlice, ""
	case "DeviceClass":
		return deviceClass, ""
	case "DeviceTaintRule":
		return taintRule, ""
	case "SubjectAccessReview", "LocalSubjectAccessReview":
		return accessReview, ""
	case "PodCertificateRequest":
		return podCertificate, ""
	case "CertificateSigningRequest":
		return signingRequest, ""
	case "LeaseCandidate":
		return leaseCandidate, ""
	case "StorageVersionMigration":
		return migration, ""
	}
	return nil, "there is no rule for it"
}
