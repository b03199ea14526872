import type { Operation } from '../../planner/index.ts'
import type { OperationContext } from '../execution.ts'
import { adaptContainer } from './adapt.ts'
import {
  createContainer,
  killContainer,
  pauseContainer,
  removeContainer,
  renameContainer,
  repairContainer,
  restartContainer,
  startContainer,
  stopContainer,
  updateContainer,
} from './containers.ts'
import { runHook } from './hooks.ts'
import { connectNetwork, createNetwork, disconnectNetwork, removeNetwork, repairNetwork } from './networks.ts'
import { createVolume, removeVolume } from './volumes.ts'
import { waitDependency } from './waits.ts'

type Seldom = Extract<
  Operation,
  {
    type:
      | 'watchContainer'
      | 'relieveContainer'
      | 'drainContainer'
      | 'awaitDelay'
      | 'pullImage'
      | 'pushImage'
      | 'buildImage'
      | 'removeImage'
      | 'runInit'
  }
>

/** Executes one operation. It decides nothing: what is to be done, and whether a failure matters, is in the operation. */
export async function executeOperation(operation: Operation, context: OperationContext): Promise<void> {
  switch (operation.type) {
    case 'createNetwork':
      return createNetwork(operation, context)
    case 'removeNetwork':
      return removeNetwork(operation, context)
    case 'connectNetwork':
      return connectNetwork(operation, context)
    case 'disconnectNetwork':
      return disconnectNetwork(operation, context)
    case 'createVolume':
      return createVolume(operation, context)
    case 'removeVolume':
      return removeVolume(operation, context)
    case 'createContainer':
      return createContainer(operation, context)
    case 'startContainer':
      return startContainer(operation, context)
    case 'stopContainer':
      return stopContainer(operation, context)
    case 'killContainer':
      return killContainer(operation, context)
    case 'restartContainer':
      return restartContainer(operation, context)
    case 'pauseContainer':
    case 'unpauseContainer':
      return pauseContainer(operation, context)
    case 'removeContainer':
      return removeContainer(operation, context)
    case 'renameContainer':
      return renameContainer(operation, context)
    case 'updateContainer':
      return updateContainer(operation, context)
    case 'adaptContainer':
      return adaptContainer(operation, context)
    case 'repairNetwork':
      return repairNetwork(operation, context)
    case 'repairContainer':
      return repairContainer(operation, context)
    case 'waitDependency':
      return waitDependency(operation, context)
    case 'awaitImages':
      return
    case 'runHook':
      return runHook(operation, context)
    default:
      return executeSeldom(operation, context)
  }
}

/** What few plans have, or is heavy (tar, ignore rules): an `up` without it does not load it. */
async function executeSeldom(operation: Seldom, context: OperationContext): Promise<void> {
  switch (operation.type) {
    case 'watchContainer':
    case 'relieveContainer':
    case 'drainContainer':
    case 'awaitDelay':
      return (await import('./updates.ts')).executeOfUpdate(operation, context)
    case 'pullImage':
      return (await import('./images.ts')).pullImage(operation, context)
    case 'pushImage':
      return (await import('./push.ts')).pushImage(operation, context)
    case 'buildImage':
      return (await import('./build-image.ts')).buildImage(operation, context)
    case 'removeImage':
      return (await import('./images.ts')).removeImage(operation, context)
    case 'runInit':
      return (await import('./init.ts')).runInit(operation, context)
    default:
      return unknownOperation(operation)
  }
}

function unknownOperation(operation: never): never {
  throw new RangeError(`unknown operation ${JSON.stringify(operation)}`)
}
