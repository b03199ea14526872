/**
 * The engine: containers, their networks and volumes, and images, as the API's routers need them. It holds no truth of
 * its own (docs/architecture.md, "Crash-only"): opening it reads the records, the monitors' status files and sockets,
 * and the kernel; `close` only lets go.
 */
export { type OwnGroup, openOwnGroup } from './cgroup/index.ts'
export { type Engine, type EngineOptions, openEngine } from './engine.ts'
export { enginePaths } from './state/paths.ts'
