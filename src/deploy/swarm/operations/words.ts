import type { SwarmOperation } from '../plan/operation.ts'

type Word = 'Creating' | 'Created' | 'Updating' | 'Updated' | 'Removing' | 'Removed' | 'Waiting' | 'Running'

/** What progress says when an operation begins, and when it has ended. A removal is told when its tasks have ended. */
export function wordsOfSwarm(
  { type }: SwarmOperation,
  detach: boolean,
): { readonly begin?: Word; readonly end?: Word } {
  switch (type) {
    case 'createNetwork':
    case 'createFile':
    case 'createService':
      return { begin: 'Creating', end: 'Created' }
    case 'updateFile':
    case 'updateService':
      return { begin: 'Updating', end: 'Updated' }
    case 'removeNetwork':
    case 'removeFile':
      return { begin: 'Removing', end: 'Removed' }
    case 'removeService':
      return { begin: 'Removing' }
    case 'awaitEnd':
      return { end: 'Removed' }
    case 'awaitService':
      return detach ? {} : { begin: 'Waiting', end: 'Running' }
  }
}
