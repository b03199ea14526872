import { filePlaces, placesInside, type SetupOp } from '../../native/index.ts'
import type { Host } from '../runtime/index.ts'
import type { RunningMade } from './made.ts'
import { firstSizes, type Sized } from './mount-watch.ts'
import { givenMounts, type WantedMount } from './wanted-mounts.ts'

/** What a container begins with, and what asks which files its binds lead to. */
export interface FirstMounts {
  readonly mounts: readonly WantedMount[]
  readonly sized: readonly Sized[]
  readonly op: SetupOp
}

/** Undefined where nobody knows. */
export function firstMounts({ spec, process }: RunningMade, host: Host): FirstMounts | undefined {
  if (spec === undefined) return undefined
  const mounts = givenMounts(spec, host)
  const sized = firstSizes(mounts)
  const paths = mounts.flatMap(({ of, target }) => (of.kind === 'bind' ? [target] : []))
  return sized && { mounts, sized, op: { op: 'statInside', pid: process.pid, paths } }
}

const NONE = Buffer.alloc(0)

/** Whether each of the binds is of what lies on the host where it is from, and read-only where it is to be. */
export function isBoundAs(
  mounts: readonly WantedMount[],
  sources: Buffer | undefined,
  inside: Buffer | undefined,
): boolean {
  const binds = mounts.filter(({ of }) => of.kind === 'bind')
  const [there, here] = [filePlaces(sources ?? NONE), placesInside(inside ?? NONE)]
  if (there.length !== binds.length || here.length !== binds.length) return false
  return binds.every(({ attributes }, at) => {
    const place = here[at]
    return (
      place !== undefined &&
      there[at]?.equals(place.file) === true &&
      place.isReadonly === attributes.includes('ro')
    )
  })
}
