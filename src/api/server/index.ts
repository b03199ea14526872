export { type ApiServer, type ApiServerOptions, createApiServer } from './api-server.ts'
export type { OnFailure } from './dispatch.ts'
export type { Address } from './listen.ts'
