export { checkFiles } from './check-files.ts'
export type { Caller } from './create-request/index.ts'
export type { Docker } from './docker.ts'
export { execute } from './execute.ts'
export { type Followed, type Follower, type FollowOptions, followPlan, type Words } from './follow-plan.ts'
export { locateFailure } from './locate.ts'
export { type LockHolder, type LockOptions, withProjectLock } from './lock/lock.ts'
export { forgetObserved } from './observe/at-once.ts'
export { type ObserveOptions, observe } from './observe/observe.ts'
export type { ExecuteOptions, ExecuteResult, FailedOperation, Outcome, WaitOptions } from './options.ts'
export { endingContainers, type PlannedPorts, plannedPorts, yieldingContainers } from './planned-ports.ts'
export {
  type PlannedContainer,
  type PlannedRequest,
  type PlannedRequests,
  plannedRequests,
} from './planned-requests.ts'
export type { ProgressEvent, ProgressListener, StateWord } from './progress.ts'
export { waitedServices, waitReady } from './wait-ready.ts'
