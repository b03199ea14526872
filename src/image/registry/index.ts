/** Registries, read by the OCI distribution API. */

export type { CredentialSource, RegistryCredentials } from './authorization.ts'
export {
  type Descriptor,
  type ManifestContent,
  RegistryClient,
  type RegistryClientOptions,
} from './client.ts'
