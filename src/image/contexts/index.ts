/** Build contexts that are kept between builds, so that only what has changed travels. */
export { ClientFolder } from './client-folder.ts'
export { type ContextAnswer, type ContextSpace, type HeldContext, KeptContexts } from './contexts.ts'
export { type ContextManifest, readManifest } from './manifest.ts'
