import type { Module } from './modules.ts'

/**
 * The floors of the big folders, from the ground up (docs/architecture.md, "The engine's floors", and the table of folders). A folder imports from
 * the floors below its own, and nothing from its own or above: so a reader who goes down never comes back up. One line a
 * floor, folders side by side parted by blanks; an entry may be a folder in a folder, or a file. `.` is the files that
 * lie in the big folder itself.
 */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  'src/engine': [
    // The machine: knows no container of ours.
    'words cgroup security/apparmor security/seccomp security/selinux',
    'security events',
    'rootfs',
    'runtime',
    // What the engine knows: what was asked for in the runtime's terms, and what there is.
    'terms',
    'state',
    // What a container needs of others, each thing alone.
    'names volumes groups exec logs front',
    'mounts health',
    'networks archive',
    'endpoints',
    // What the kernel has of them otherwise than it was set up, and how that is mended.
    'kernel sleep',
    // Containers themselves, from their request over their runs to all that is done with them.
    'containers/create containers/run',
    'containers builds images',
    // The data of projects, kept and put back.
    'snapshots',
    // The doors: what the API calls, what a new engine finds, and what asks without an engine.
    'backend adopt trial',
    '.',
  ],
  'src/parser': [
    // A node with its place, and what all stages share.
    'tree',
    'lineage.ts reporter.ts remote/reference.ts',
    'contract.ts',
    'remote',
    'scope.ts',
    'document-context.ts yaml',
    // The stages, and what some of them have in common.
    'merge interpolate',
    'canonical dotenv schema shape profiles defaults normalize validate',
    'paths unique environment consistency origins indentation',
    'extends include',
    'model-pipeline.ts project-name.ts',
    'load.ts',
    // Finds the files that `load` is given.
    'files',
    'index.ts',
  ],
  'src/network': [
    'ip',
    'netlink',
    'ipam ports names shortcut sleep',
    'firewall',
    // Kinds of network, and what one container's namespace gets of those that it is on.
    'drivers',
    'program',
    '.',
  ],
  'src/planner': [
    // Plans of any engine.
    'core',
    'spec',
    'project',
    'observed',
    'plan',
    // What the commands decide: each is on top of what it shares with others.
    'images',
    'reconcile',
    'up down',
    'lifecycle',
    '.',
  ],
  'src/deploy': [
    // Plans of any cluster, and what files say.
    'plan said.ts',
    // What a cluster has, in its own words, and how it is spoken with; what becomes of a project there; how that is written, and compared.
    'kubernetes/objects kubernetes/cluster',
    'kubernetes/convert',
    'kubernetes/files kubernetes/plan',
    'kubernetes/rollout',
    'kubernetes',
    'swarm/convert',
    'swarm/plan',
    'swarm/operations',
    'swarm',
  ],
  'src/image': [
    'config.ts defaults.ts progress.ts',
    'record.ts',
    'layer registry',
    'attestations',
    'store',
    'bootstrap transfer contexts builder/dockerfile',
    'step-cache',
    'builder',
    '.',
  ],
  'src/lint': ['rule.ts', 'facts', 'rules', '.'],
  'src/client': [
    // HTTP, over any connection.
    'http',
    'connection',
    // Calls as docker-modem makes them; calls of the table of routes; what a call is about.
    'modem',
    'calls',
    'building objects',
    '.',
  ],
  'src/cli': [
    'option.ts exit-codes.ts moment.ts settings.ts signals.ts version.ts idle-heap.ts shell/command-line.ts',
    'interrupt.ts',
    'global-options.ts',
    'command.ts',
    // What commands are made with.
    'define-command.ts target.ts notices.ts trace.ts output-file.ts standard-streams.ts terminal.ts variables.ts',
    'joined.ts',
    'argv',
    'views',
    'work.ts shell',
    'commands',
    // What becomes of each where its engine is lost.
    'if-lost',
    'dry-run.ts',
    // What is told about all commands.
    'help.ts describe.ts',
    'program.ts',
    // Runs the program for others.
    'host',
    'engine-end.ts',
    'engine.ts',
    'main.ts begin-engine.ts run.test-support.ts',
  ],
}

/** One line for each import that does not go down inside a folder that has floors, and for each file without a floor. */
export function checkFloors(
  modules: readonly Module[],
  floors: Readonly<Record<string, readonly string[]>> = FLOORS,
): string[] {
  return Object.entries(floors).flatMap(([folder, lines]) => {
    const rooms = roomsOf(folder, lines)
    return (
      modules
        .filter(({ path }) => path.startsWith(`${folder}/`))
        // Doubles and generators for tests are not part of the house.
        .filter(({ path }) => !path.includes('/testing/'))
        .flatMap(module => problemsOf(module, folder, rooms))
    )
  })
}

/** A folder, or a file, that has its place on a floor. */
interface Room {
  readonly path: string
  /** From the ground up, beginning with 0. */
  readonly floor: number
}

/** What lies deepest first, so that the first that fits is the nearest. */
function roomsOf(folder: string, lines: readonly string[]): Room[] {
  return lines
    .flatMap((line, floor) =>
      line.split(' ').map(name => ({ path: name === '.' ? folder : `${folder}/${name}`, floor })),
    )
    .sort((a, b) => b.path.length - a.path.length)
}

function problemsOf({ path, imports }: Module, folder: string, rooms: readonly Room[]): string[] {
  const own = roomOf(path, folder, rooms)
  if (own === undefined) return [`${path}: has no floor in tools/check/floors.ts`]
  return imports
    .filter(target => target.startsWith(`${folder}/`))
    .flatMap(target => {
      const other = roomOf(target, folder, rooms)
      if (other === undefined || other === own || other.floor < own.floor) return []
      const direction = other.floor === own.floor ? 'on its own floor' : 'up'
      return [
        `${path}: imports ${target}, which is ${direction}: ${own.path} is on floor ${own.floor}, ${other.path} on ${other.floor}`,
      ]
    })
}

function roomOf(path: string, folder: string, rooms: readonly Room[]): Room | undefined {
  const isTop = !path.slice(folder.length + 1).includes('/')
  return rooms.find(room =>
    room.path === folder ? isTop : path === room.path || path.startsWith(`${room.path}/`),
  )
}
