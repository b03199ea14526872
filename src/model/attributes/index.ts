export { type Attribute, attributesOf } from './attributes.ts'
export { NETWORK, VOLUME } from './project.ts'
export { SERVICE } from './service.ts'
export type { Struct } from './shape.ts'
