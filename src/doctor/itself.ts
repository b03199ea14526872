import { parseMountinfo } from '../linux/mountinfo.ts'
import { tried } from './as-root.ts'
import { type Finding, findingsOf, fine, lacking, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'

/** What tscompose itself runs on. */
export async function examineItself(machine: Machine): Promise<Finding[]> {
  return findingsOf('tscompose', {
    'Node.js': node(machine.node),
    'native program': await native(machine),
    'root folder': await rootFolder(machine),
    user: machine.uid === 0 ? fine('root') : lacking(`uid ${machine.uid}`, NOT_ROOT),
    clock: clock(machine.now),
  })
}

const NOT_ROOT = 'an engine needs root: use sudo'

/** The oldest that works, and the lines that are tested. */
const OLDEST = [20, 19] as const
const TESTED = [20, 22, 24, 26]

function node(version: string): Verdict {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return lacking(version, `tscompose needs Node.js ${OLDEST.join('.')} or later`)
  return TESTED.includes(major)
    ? fine(version)
    : warning(version, `it most likely works; the tested ones are ${TESTED.join(', ')}`)
}

function native(machine: Machine): Promise<Verdict> {
  return tried(machine, 'native', 'runs', refusal =>
    lacking(
      refusal,
      'no container can be started: the package must be whole and of this kind of processor, and root must have its privileges (in a container: --privileged)',
    ),
  )
}

/** In a chroot on a plain folder no process may take a mount namespace of its own out of the others' sight. */
async function rootFolder(machine: Machine): Promise<Verdict> {
  const mounts = await machine.read('/proc/self/mountinfo')
  if (mounts === undefined)
    return lacking(
      '/proc is not mounted',
      'nothing can be said of this machine, and no container started: mount -t proc proc /proc',
    )
  return parseMountinfo(mounts).some(({ mountpoint }) => mountpoint === '/')
    ? fine('is a mount point')
    : lacking(
        'is a chroot that is no mount point',
        'no container can be started: bind the folder to itself (mount --bind FOLDER FOLDER) before the chroot',
      )
}

/** Nobody had this program before. */
const EARLIEST = Date.UTC(2026, 0)

function clock(now: number): Verdict {
  const found = new Date(now).toISOString()
  return now >= EARLIEST
    ? fine(found)
    : warning(found, 'the clock is behind, and the certificates of registries are not valid yet: set it')
}
