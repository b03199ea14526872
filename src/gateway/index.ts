/**
 * Listens for others in front of an engine: on sockets with a group, over TLS, on sockets of the service manager, and where a part of the
 * API alone is given. It is a process of its own (`tscompose serve`): the engine knows nothing of it but connections.
 */
export { type Address, parseAddress, parsePath } from './address.ts'
export { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'
export { type Inherited, inheritedSockets } from './inherited.ts'
export type { Dial } from './pass-on.ts'
export type { Scope } from './scope/scope.ts'
export type { TlsFiles } from './tls.ts'
export { groupId } from './unix-socket.ts'
