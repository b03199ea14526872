import type { Operation } from '../planner/index.ts'
import type { Words } from './follow-plan.ts'

const WORDS: Readonly<Record<Operation['type'], Words>> = {
  createNetwork: { begin: 'Creating', end: 'Created' },
  removeNetwork: { begin: 'Removing', end: 'Removed' },
  connectNetwork: { begin: 'Connecting', end: 'Connected' },
  disconnectNetwork: { begin: 'Disconnecting', end: 'Disconnected' },
  createVolume: { begin: 'Creating', end: 'Created' },
  removeVolume: { begin: 'Removing', end: 'Removed' },
  pullImage: { begin: 'Pulling', end: 'Pulled' },
  pushImage: { begin: 'Pushing', end: 'Pushed' },
  buildImage: { begin: 'Building', end: 'Built' },
  removeImage: { begin: 'Removing', end: 'Removed' },
  createContainer: { begin: 'Creating', end: 'Created' },
  startContainer: { begin: 'Starting', end: 'Started' },
  stopContainer: { begin: 'Stopping', end: 'Stopped' },
  killContainer: { begin: 'Killing', end: 'Killed' },
  restartContainer: { begin: 'Restarting', end: 'Restarted' },
  pauseContainer: { begin: 'Pausing', end: 'Paused' },
  unpauseContainer: { begin: 'Unpausing', end: 'Unpaused' },
  removeContainer: { begin: 'Removing', end: 'Removed' },
  renameContainer: {},
  adaptContainer: { begin: 'Updating', end: 'Updated' },
  repairNetwork: { begin: 'Repairing', end: 'Repaired' },
  repairContainer: { begin: 'Repairing', end: 'Repaired' },
  updateContainer: { begin: 'Updating', end: 'Updated' },
  waitDependency: { begin: 'Waiting', end: 'Healthy' },
  watchContainer: { begin: 'Waiting' },
  relieveContainer: { begin: 'Moving', end: 'Moved' },
  drainContainer: { begin: 'Draining', end: 'Drained' },
  awaitDelay: { begin: 'Waiting' },
  awaitImages: {},
  runHook: {},
  runInit: { begin: 'Starting', end: 'Exited' },
}

/** A replacement is told as one thing: "Recreate" when the new one is made, "Recreated" when it has its name. */
const RECREATE_WORDS: Partial<Readonly<Record<Operation['type'], Words>>> = {
  createContainer: { begin: 'Recreate' },
  stopContainer: {},
  removeContainer: {},
  renameContainer: { end: 'Recreated' },
}

/** The words for an operation. */
export function wordsOf(operation: Operation): Words {
  if (operation.type === 'waitDependency' && operation.condition === 'completed')
    return { begin: 'Waiting', end: 'Exited' }
  const recreate = operation.action === 'recreate' && operation.resource.kind === 'container'
  return (recreate ? RECREATE_WORDS[operation.type] : undefined) ?? WORDS[operation.type]
}
