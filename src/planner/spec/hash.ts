import { createHash } from 'node:crypto'
import type { Network, Service, Volume } from '../../model/index.ts'
import type { JsonObject } from '../core/json-value.ts'
import { normaliseNetwork, normaliseService, normaliseVolume } from './normalise.ts'

/** What `config --hash` prints: sha256 of the canonical service without what does not touch a container. */
export function serviceHash(service: Service): string {
  return specHash(normaliseService(service))
}

/** `com.docker.compose.config-hash` of a network. */
export function networkHash(network: Network): string {
  return specHash(normaliseNetwork(network))
}

/** `com.docker.compose.config-hash` of a volume. */
export function volumeHash(volume: Volume): string {
  return specHash(normaliseVolume(volume))
}

/** sha256, hex, of a normalised spec. */
export function specHash(spec: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex')
}
