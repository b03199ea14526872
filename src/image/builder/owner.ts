import { failure } from '../../diagnostics/index.ts'
import type { MergedTree } from '../layer/merged-tree.ts'

/** Numeric owner of files. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

const MAX_DATABASE = 4 * 1024 * 1024
const NUMBER = /^\d{1,10}$/

/**
 * The ids that `user[:group]` means in a root, from its own /etc/passwd and /etc/group. A name's group is its primary
 * one; a number without a group is its own group, and a group without a user is root's, by the rules of COPY --chown. Raises OWNER_UNKNOWN.
 */
export async function resolveOwner(tree: MergedTree, text: string): Promise<Owner> {
  const colon = text.indexOf(':')
  const user = colon === -1 ? text : text.slice(0, colon)
  const group = colon === -1 ? undefined : text.slice(colon + 1)
  const entry = user === '' ? { uid: 0, gid: 0 } : await userOf(tree, user)
  return { uid: entry.uid, gid: group === undefined || group === '' ? entry.gid : await groupOf(tree, group) }
}

async function userOf(tree: MergedTree, user: string): Promise<Owner> {
  if (NUMBER.test(user)) return { uid: Number(user), gid: Number(user) }
  const line = await databaseLine(tree, '/etc/passwd', user)
  const [, , uid, gid] = line ?? []
  if (uid === undefined || gid === undefined) throw unknown('user', user, '/etc/passwd')
  return { uid: Number(uid), gid: Number(gid) }
}

async function groupOf(tree: MergedTree, group: string): Promise<number> {
  if (NUMBER.test(group)) return Number(group)
  const [, , gid] = (await databaseLine(tree, '/etc/group', group)) ?? []
  if (gid === undefined) throw unknown('group', group, '/etc/group')
  return Number(gid)
}

async function databaseLine(
  tree: MergedTree,
  path: string,
  name: string,
): Promise<readonly string[] | undefined> {
  const text = (await tree.readText(path, MAX_DATABASE)) ?? ''
  return text
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => fields[0] === name)
}

function unknown(kind: string, name: string, path: string): Error {
  return failure({
    code: 'OWNER_UNKNOWN',
    kind: 'invalidArgument',
    summary: `${kind} "${name}" is not in ${path} of the image`,
    hint: `use a number, or make the ${kind} in a RUN step before`,
  })
}
