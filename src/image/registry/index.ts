/** Registries, read by the OCI distribution API. */

export { wrongAnswer } from './answer.ts'
export { type ManifestContent, type OpenBlob, RegistryClient, type RegistryClientOptions } from './client.ts'
