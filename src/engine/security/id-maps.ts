/** Whether a map of /proc/<pid>/uid_map or gid_map (user_namespaces(7)) has all of these ids inside. */
export function hasIds(map: string, first: number, count: number): boolean {
  return map.split('\n').some(line => {
    const [inside = 0, , size = 0] = line.trim().split(/\s+/).map(Number)
    return inside <= first && first + count <= inside + size
  })
}

/** The id outside that is 0 inside, by such a map; undefined where there is none. */
export function outsideOfRoot(map: string): number | undefined {
  for (const line of map.split('\n')) {
    const [inside, outside] = line.trim().split(/\s+/).map(Number)
    if (inside === 0 && outside !== undefined) return outside
  }
  return undefined
}

/** Ids in a user namespace of containers: 0 to 65,535. */
export const USERNS_IDS = 65_536

/**
 * Where the ranges of user namespaces begin: beyond what logins, /etc/subuid and containers of systemd take (up to 1,879,048,191), and
 * below the users of relays (2,100,000,000) and systemd's foreign images.
 */
export const FIRST_ID = 1_879_048_192

/** Above all ranges: one group a range, see `idMaps`. */
export const HIGHEST_GROUPS = 2_099_990_000
/** The largest group that Docker lets use ping sockets. */
const LAST_GROUP = 2_147_483_647
/** The group of terminals, as all distributions have it and devpts is told. */
const TERMINALS = 5

/** One line of a map. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

/** Both maps of a user namespace. */
export interface IdMaps {
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
}

/** What every process of the machine has that is in no other user namespace. */
const IDENTITY: readonly IdRange[] = [{ inside: 0, outside: 0, count: 4_294_967_295 }]

/**
 * The maps of a user namespace whose root is `first` on the host, or of the host's own. Two groups are not of the range: that of
 * terminals is the host's own, for devpts tells its number as the host has it, and nothing of the host's can be reached by it; and
 * there is one more than there are users, without which the range of those who may ping, which Docker opens to all, could not be
 * said inside.
 * `high`: the ids above are the host's own, whose files a step of a build may have to do with; who has such an id there is a user without rights.
 */
export function idMaps(first: number | undefined, high = false): IdMaps {
  if (first === undefined) return { uidMap: IDENTITY, gidMap: IDENTITY }
  const ids = (inside: number, end: number): IdRange => ({
    inside,
    outside: first + inside,
    count: end - inside,
  })
  const above: IdRange[] = high
    ? [{ inside: USERNS_IDS, outside: USERNS_IDS, count: FIRST_ID - USERNS_IDS }]
    : []
  const last = HIGHEST_GROUPS + (first - FIRST_ID) / USERNS_IDS
  return {
    uidMap: [ids(0, USERNS_IDS), ...above],
    gidMap: [
      ids(0, TERMINALS),
      { inside: TERMINALS, outside: TERMINALS, count: 1 },
      ids(TERMINALS + 1, USERNS_IDS),
      ...above,
      { inside: LAST_GROUP, outside: last, count: 1 },
    ],
  }
}

/** A user and his group. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Maps for a mount of somebody's files: what is his on disk is `user`'s where `maps` hold, and what is `user`'s on disk is shown
 * as his, for two cannot be one. All other ids stay what they are. An id that is not in `maps` is nobody's.
 */
export function ownerMaps(maps: IdMaps, owner: Owner, user: Owner): IdMaps {
  return {
    uidMap: exchanged(maps.uidMap, owner.uid, user.uid),
    gidMap: exchanged(maps.gidMap, owner.gid, user.gid),
  }
}

function exchanged(map: readonly IdRange[], one: number, other: number): readonly IdRange[] {
  if (one === other) return map
  const moved = (inside: number, like: number): IdRange[] => {
    const range = map.find(each => each.inside <= like && like < each.inside + each.count)
    return range === undefined ? [] : [{ inside, outside: range.outside + like - range.inside, count: 1 }]
  }
  return [...without(without(map, one), other), ...moved(one, other), ...moved(other, one)]
}

/** A map that leaves out one id, in two parts where it was in the middle. */
function without(map: readonly IdRange[], id: number): IdRange[] {
  return map.flatMap(range => {
    const { inside, outside, count } = range
    const before = id - inside
    if (before < 0 || before >= count) return [range]
    const after = { inside: id + 1, outside: outside + before + 1, count: count - before - 1 }
    return [{ inside, outside, count: before }, after].filter(each => each.count > 0)
  })
}
