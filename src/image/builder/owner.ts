import { type Failure, failure } from '../../diagnostics/index.ts'
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
 * one; a number without a group is its own group, and a group without a user is root's, by the rules of COPY --chown. An unknown
 * name raises OWNER_UNKNOWN, or `onUnknown` is told of it and it counts for nothing: the user is root then, the group the user's.
 */
export async function resolveOwner(
  tree: MergedTree,
  text: string,
  onUnknown: (problem: Failure) => void = raise,
): Promise<Owner> {
  const colon = text.indexOf(':')
  const user = colon === -1 ? text : text.slice(0, colon)
  const group = colon === -1 ? undefined : text.slice(colon + 1)
  const entry = user === '' ? ROOT : await userOf(tree, user)
  if (entry === undefined) onUnknown(unknown('user', user, '/etc/passwd'))
  const { uid, gid } = entry ?? ROOT
  if (group === undefined || group === '') return { uid, gid }
  const own = await groupOf(tree, group)
  if (own === undefined) onUnknown(unknown('group', group, '/etc/group'))
  return { uid, gid: own ?? gid }
}

const ROOT: Owner = { uid: 0, gid: 0 }

function raise(problem: Failure): never {
  throw problem
}

async function userOf(tree: MergedTree, user: string): Promise<Owner | undefined> {
  if (NUMBER.test(user)) return { uid: Number(user), gid: Number(user) }
  const line = await databaseLine(tree, '/etc/passwd', user)
  const [, , uid, gid] = line ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

async function groupOf(tree: MergedTree, group: string): Promise<number | undefined> {
  if (NUMBER.test(group)) return Number(group)
  const [, , gid] = (await databaseLine(tree, '/etc/group', group)) ?? []
  return gid === undefined ? undefined : Number(gid)
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

function unknown(kind: string, name: string, path: string): Failure {
  return failure({
    code: 'OWNER_UNKNOWN',
    kind: 'invalidArgument',
    summary: `${kind} "${name}" is not in ${path} of the image`,
    hint: `use a number, or make the ${kind} in a RUN step before`,
  })
}
