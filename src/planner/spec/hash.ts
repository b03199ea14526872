import { createHash } from 'node:crypto'
import type { Service } from '../../model/index.ts'
import type { JsonObject } from '../core/json-value.ts'
import { normaliseService } from './normalise.ts'

/** What `config --hash` prints: sha256 of the canonical service without what does not touch a container. */
export function serviceHash(service: Service): string {
  return specHash(normaliseService(service))
}

/** sha256, hex, of a normalised spec. */
export function specHash(spec: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex')
}
