import { failure } from '../../diagnostics/index.ts'

/** Largest id that a user specification may name; above it ids turn negative in too many programs. */
const LARGEST_ID = 2 ** 31 - 1

/** Texts of `/etc/passwd` and `/etc/group` of the container; empty when the image has none. */
export interface UserDatabase {
  readonly passwd: string
  readonly group: string
}

/** Numeric identity of a process. */
export interface ProcessUser {
  readonly uid: number
  readonly gid: number
  /** Supplementary groups, exact: nothing is added to them. */
  readonly groups: readonly number[]
}

/** A user specification turned into numbers, with the home folder for `HOME` (`/` when unknown). */
export interface ResolvedUser extends ProcessUser {
  readonly home: string
  /** Login name when passwd knows the id. */
  readonly name?: string
}

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/**
 * Resolves `user[:group]` (an image's `User`, `user:` of Compose, `exec -u`) by Docker's rules: a name or a decimal
 * id; without a group the user's own from passwd, or 0 for an unknown id; supplementary groups are those that list the
 * user's name, and none when a group is named. `groupAdd` adds groups by name or id. Ids are strict decimals of
 * 0..2^31-1, since laxer parsers were ways to become root (CVE-2024-40635).
 * Fails with `USER_INVALID`, `USER_UNKNOWN` or `GROUP_UNKNOWN`.
 */
export function resolveUser(
  specification: string,
  database: UserDatabase,
  groupAdd: readonly string[] = [],
): ResolvedUser {
  const [user = '', group] = splitSpecification(specification)
  const passwd = parsePasswd(database.passwd)
  const groups = parseGroup(database.group)
  const entry = findUser(user === '' ? '0' : user, passwd)
  const primary = group === undefined ? entry.gid : findGroup(group, groups)
  const listed =
    group === undefined && entry.name !== undefined
      ? groups.filter(each => each.members.includes(entry.name ?? '')).map(each => each.gid)
      : []
  const added = groupAdd.map(each => findGroup(each, groups))
  return {
    uid: entry.uid,
    gid: primary,
    groups: [...new Set([primary, ...listed, ...added])],
    home: entry.home,
    ...(entry.name === undefined ? {} : { name: entry.name }),
  }
}

function splitSpecification(specification: string): string[] {
  // Neither of the two is what an empty text is.
  const parts = specification === ':' ? [''] : specification.split(':')
  if (parts.length > 2 || /[\s\0]/.test(specification) || (parts.length === 2 && parts[1] === '')) {
    throw failure({
      code: 'USER_INVALID',
      kind: 'invalidArgument',
      summary: `invalid user ${JSON.stringify(specification)}`,
      hint: 'write a name or a number, with or without a group: "1000", "www-data", "1000:1000"',
    })
  }
  return parts
}

function findUser(
  user: string,
  passwd: readonly PasswdEntry[],
): { uid: number; gid: number; home: string; name?: string } {
  // A number is always an id: an image must not make "1000" root by an entry of that name.
  const uid = parseId(user)
  if (uid !== undefined) return passwd.find(entry => entry.uid === uid) ?? { uid, gid: 0, home: '/' }
  const byName = looksNumeric(user) ? undefined : passwd.find(entry => entry.name === user)
  if (byName === undefined) {
    throw failure({
      code: looksNumeric(user) ? 'USER_INVALID' : 'USER_UNKNOWN',
      kind: 'invalidArgument',
      summary: looksNumeric(user)
        ? `user id ${JSON.stringify(user)} is not a decimal number from 0 to ${LARGEST_ID}`
        : `no user ${JSON.stringify(user)} in the container's /etc/passwd`,
      facts: { user, ...(looksNumeric(user) ? { rule: 'range' } : {}) },
    })
  }
  return byName
}

function findGroup(group: string, groups: readonly GroupEntry[]): number {
  const gid = parseId(group)
  if (gid !== undefined) return gid
  const byName = looksNumeric(group) ? undefined : groups.find(entry => entry.name === group)
  if (byName === undefined) {
    throw failure({
      code: looksNumeric(group) ? 'USER_INVALID' : 'GROUP_UNKNOWN',
      kind: 'invalidArgument',
      summary: looksNumeric(group)
        ? `group id ${JSON.stringify(group)} is not a decimal number from 0 to ${LARGEST_ID}`
        : `no group ${JSON.stringify(group)} in the container's /etc/group`,
      facts: { group, ...(looksNumeric(group) ? { rule: 'range' } : {}) },
    })
  }
  return byName.gid
}

/** A strict decimal id, or nothing. */
function parseId(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) return undefined
  const id = Number(text)
  return id <= LARGEST_ID ? id : undefined
}

function looksNumeric(text: string): boolean {
  return /^[-+]?[0-9]/.test(text)
}

/** Entries of a passwd file; lines that are not `name:x:uid:gid:gecos:home:shell` are skipped. */
function parsePasswd(text: string): PasswdEntry[] {
  return rows(text).flatMap(([name, , uid, gid, , home]) => {
    const user = parseId(uid ?? '')
    const group = parseId(gid ?? '')
    if (!name || user === undefined || group === undefined) return []
    return [{ name, uid: user, gid: group, home: home?.startsWith('/') ? home : '/' }]
  })
}

/** Entries of a group file; lines that are not `name:x:gid:members` are skipped. */
function parseGroup(text: string): GroupEntry[] {
  return rows(text).flatMap(([name, , gid, members]) => {
    const group = parseId(gid ?? '')
    if (!name || group === undefined) return []
    return [{ name, gid: group, members: (members ?? '').split(',').filter(member => member !== '') }]
  })
}

function rows(text: string): string[][] {
  return text.split('\n').map(line => line.replace(/\r$/, '').split(':'))
}
