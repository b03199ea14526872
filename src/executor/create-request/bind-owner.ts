import type { HostConfig } from '../../api/types/index.ts'
import { type RequestInput, unsupported } from './input.ts'

/**
 * Whose files binds have: where the service says so the caller's; where it says nothing only those of a caller who is not root, in
 * sources that are his own. A caller on another machine is none of the engine's users.
 */
export function bindOwner(input: RequestInput): HostConfig['TscomposeBindOwner'] {
  const { operation, caller, foreignEngine, warn } = input
  const { service } = operation
  const choice = service['x-tscompose']?.bind_owner
  if (choice === 'caller') {
    if (foreignEngine === true)
      warn(unsupported(input, ['x-tscompose', 'bind_owner'], 'only our own engine gives binds another owner'))
    const { uid, gid } = caller ?? { uid: 0, gid: 0 }
    return { Uid: uid, Gid: gid }
  }
  if (choice === 'container') return undefined
  const hasBinds = (service.volumes ?? []).some(({ type }) => type === 'bind')
  if (!hasBinds || caller === undefined || caller.uid === 0) return undefined
  return { Uid: caller.uid, Gid: caller.gid, OwnAlone: true }
}

/**
 * Says to an engine that knows by a gateway who its caller is that binds are the container's all the same. Only he who is not root would be
 * taken for somebody.
 */
export function bindOwnerAnnotation({ operation, caller }: RequestInput): Readonly<Record<string, string>> {
  const isContainers = operation.service['x-tscompose']?.bind_owner === 'container'
  return isContainers && caller !== undefined && caller.uid !== 0
    ? { 'com.tscompose.bind_owner': 'container' }
    : {}
}
