import type { Pushed, PushRequest } from './push.ts'

export type { Pushed, PushRequest } from './push.ts'

/** Sends an image to its registry, see `push.ts`; loaded when somebody pushes. */
export async function pushImage(request: PushRequest): Promise<Pushed> {
  const push = await import('./push.ts')
  return push.pushImage(request)
}
