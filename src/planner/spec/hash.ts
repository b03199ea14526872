import { failure } from '../../diagnostics/index.ts'
import type { Service } from '../../model/index.ts'

/** `com.docker.compose.config-hash`: sha256 of the canonical service without what does not touch a container. */
export function serviceHash(_service: Service): string {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'serviceHash is being written' })
}
