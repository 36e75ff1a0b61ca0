resource "x" "y" { manifest = { apiVersion = "policy/v1beta1" } }
