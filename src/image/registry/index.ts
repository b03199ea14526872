/** Registries, read by the OCI distribution API. */

export { type ManifestContent, RegistryClient, type RegistryClientOptions } from './client.ts'
