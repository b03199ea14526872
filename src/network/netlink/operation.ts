import type { NetlinkOp } from '../../native/index.ts'

/** A netlink operation in the host's namespace. */
export function hostNetlink(purpose: string, bytes: Buffer, ignore: readonly number[] = []): NetlinkOp {
  return { op: 'netlink', netns: 'host', purpose, bytes, ...(ignore.length === 0 ? {} : { ignore }) }
}

/** A netlink operation in the container's namespace. */
export function containerNetlink(purpose: string, bytes: Buffer, ignore: readonly number[] = []): NetlinkOp {
  return { ...hostNetlink(purpose, bytes, ignore), netns: 'container' }
}
