import type { Readable } from 'node:stream'
import type {
  DistributionInspect,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  PathStat,
} from '../../api/types/index.ts'
import type { CallControl, Credentials, Options, WithAuth } from '../calls/call.ts'
import type { Args, Callback } from '../calls/callback.ts'
import { CallerByName } from '../calls/caller.ts'

/** Options of `push`: without `stream` (dockerode's own) the lines come as they are made. */
export interface PushCallOptions extends WithAuth<Options<'imagePush'>> {
  readonly stream?: boolean | undefined
}

/** An image by reference or id. */
export class Image extends CallerByName {
  /** dockerode's second word for the name. */
  get id(): string {
    return this.name
  }

  /** What it is. */
  inspect(...args: Args<Options<'imageInspect'>, ImageInspect>): Promise<ImageInspect> {
    return this.ask('imageInspect', args)
  }

  /** What its registry has for the name, asked without fetching it. */
  distribution(...args: Args<WithAuth<CallControl>, DistributionInspect>): Promise<DistributionInspect> {
    return this.work<WithAuth<CallControl>, DistributionInspect>(args, options =>
      this.value('distributionInspect', options, { auth: options?.authconfig }),
    )
  }

  /** How it was made, newest step first. */
  history(
    ...args: Args<Options<'imageHistory'>, readonly ImageHistoryItem[]>
  ): Promise<readonly ImageHistoryItem[]> {
    return this.ask('imageHistory', args)
  }

  /** What its containers have at each `path` before anything is mounted; our engine alone knows the call. */
  stat(
    ...args: Args<Options<'imageStat'>, readonly (PathStat | null)[]>
  ): Promise<readonly (PathStat | null)[]> {
    return this.ask('imageStat', args)
  }

  /** Fails where its containers cannot run as `user`, or with each `group` more; our engine alone knows the call. */
  knows(...args: Args<Options<'imageKnows'>, void>): Promise<void> {
    return this.ask('imageKnows', args)
  }

  /** It as an archive, for `loadImage`. */
  get(...args: Args<CallControl, Readable>): Promise<Readable> {
    return this.open('imageSave', args)
  }

  /** Gives it one more name. */
  tag(...args: Args<Options<'imageTag'>, void>): Promise<void> {
    return this.ask('imageTag', args)
  }

  /** Takes the name away, and the image when it was the last. */
  remove(
    ...args: Args<Options<'imageRemove'>, readonly ImageDeleteItem[]>
  ): Promise<readonly ImageDeleteItem[]> {
    return this.ask('imageRemove', args)
  }

  /** Sends it to its registry; a stream of progress lines. */
  push(
    options?: PushCallOptions | Callback<Readable> | null,
    callback?: Callback<Readable> | Credentials,
    auth?: Credentials,
  ): Promise<Readable> {
    // A callback in the first place has the credentials in the second.
    const isShort = typeof options === 'function'
    const given = isShort ? (callback as Credentials | undefined) : auth
    const args: Args<PushCallOptions, Readable> = isShort
      ? [options]
      : [options, callback as Callback<Readable>]
    return this.work<PushCallOptions, Readable>(args, bag => {
      const { stream, ...rest } = bag ?? {}
      // The engine wants the header always, even when there is nothing in it.
      const more = { auth: bag?.authconfig ?? given ?? {} }
      return stream === false
        ? (this.value('imagePush', rest, more) as Promise<never>)
        : this.stream('imagePush', rest, more)
    })
  }
}
