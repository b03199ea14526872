import { readFileSync } from 'node:fs'
import type { RelayConfinement } from '../../network/index.ts'
import { hasIds } from './id-maps.ts'
import { compilePolicy } from './seccomp/compile.ts'
import type { Policy } from './seccomp/policy.ts'
import { procServerPolicy } from './seccomp/proc-server-profile.ts'
import { frontPolicy, relayPolicy } from './seccomp/relay-profile.ts'

/**
 * Users that nobody else is: beyond logins (up to 60,000), services that systemd makes (65,519), /etc/subuid (600,100,000),
 * containers of systemd and others (1,879,048,191) and what directories map by default (2,000,200,000); below systemd's
 * foreign images (2,147,352,576). As many as there can be pids (2^22), so that each living relay has one of its own.
 */
const FIRST_USER = 2_100_000_000
const USERS = 4_194_304
/** Within a user namespace that has no such users: above those of services, and not `nobody`. */
const FALLBACK_USER = 65_533

/** The users for relays, by the id maps that the engine lives in (user_namespaces(7)). */
export function relayUsers(...maps: readonly string[]): Pick<RelayConfinement, 'uid' | 'uidCount'> {
  const all = maps.every(map => hasIds(map, FIRST_USER, USERS))
  return all ? { uid: FIRST_USER, uidCount: USERS } : { uid: FALLBACK_USER, uidCount: 1 }
}

let known: RelayConfinement | undefined
let knownOfServers: RelayConfinement | undefined
let knownOfFront: RelayConfinement | undefined

/** The same for every relay of this engine; looked up once. */
export function relayConfinement(architecture: 'x86_64' | 'aarch64'): RelayConfinement {
  known ??= confinement(relayPolicy(architecture))
  return known
}

/** That of servers of /proc files, which have their users from the same lot: a pid is either's. */
export function procServerConfinement(architecture: 'x86_64' | 'aarch64'): RelayConfinement {
  knownOfServers ??= confinement(procServerPolicy(architecture))
  return knownOfServers
}

/** That of the front door, whose user is of the same lot. */
export function frontConfinement(architecture: 'x86_64' | 'aarch64'): RelayConfinement {
  knownOfFront ??= confinement(frontPolicy(architecture))
  return knownOfFront
}

function confinement(policy: Policy): RelayConfinement {
  const users = relayUsers(
    readFileSync('/proc/self/uid_map', 'utf8'),
    readFileSync('/proc/self/gid_map', 'utf8'),
  )
  return { ...users, filter: compilePolicy(policy) }
}
