/** Registries, spoken to by the OCI distribution API. */

export { wrongAnswer } from './answer.ts'
export { type ManifestContent, type OpenBlob, RegistryClient } from './client.ts'
export type { RegistryClientOptions } from './connections.ts'
export { copyImage } from './copy-image.ts'
export { logIn } from './login.ts'
export { type FoundRepository, searchRegistry } from './search.ts'
export { readSettings } from './settings/settings.ts'
export { growingPause } from './wire/patience.ts'
export { type Answer, Transport } from './wire/transport.ts'
export { RegistryWriter, type UploadAddress } from './writer.ts'
