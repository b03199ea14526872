/** What a container sees as its files, its identity and its environment. */
export { defaultEnvironment, type EnvironmentOptions } from './environment.ts'
export { ensureInitLayer } from './init-layer.ts'
export { openRootOf } from './process-root.ts'
export { type ResolvedUser, resolveUser, type UserDatabase } from './user.ts'
