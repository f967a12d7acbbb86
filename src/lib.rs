//! Keeps Cognito MFA settings equal to Kubernetes objects.
