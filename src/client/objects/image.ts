import type { Readable } from 'node:stream'
import type { CallQueryOf, RouteName } from '../../api/routes.ts'
import type { AuthConfig, ImageDeleteItem, ImageHistoryItem, ImageInspect } from '../../api/types/index.ts'
import { adapt, type Callback, type OptionsOr } from '../calls/callback.ts'
import type { Call, CallControl, Modem } from '../modem/modem.ts'

type Options<N extends RouteName> = CallQueryOf<N> & CallControl

/** Options with credentials for the registry. */
export type WithAuth<O> = O & { readonly authconfig?: AuthConfig | { readonly key: string } | undefined }

/** An image by reference or id. */
export class Image {
  readonly modem: Modem
  readonly name: string

  constructor(modem: Modem, name: string) {
    this.modem = modem
    this.name = name
  }

  /** dockerode's second word for the name. */
  get id(): string {
    return this.name
  }

  /** What it is. */
  inspect(
    options?: OptionsOr<CallControl, ImageInspect>,
    callback?: Callback<ImageInspect>,
  ): Promise<ImageInspect> {
    return adapt(options, callback, bag => this.modem.json('imageInspect', this.#call(bag)))
  }

  /** How it was made, newest step first. */
  history(
    options?: OptionsOr<CallControl, readonly ImageHistoryItem[]>,
    callback?: Callback<readonly ImageHistoryItem[]>,
  ): Promise<readonly ImageHistoryItem[]> {
    return adapt(options, callback, bag => this.modem.json('imageHistory', this.#call(bag)))
  }

  /** It as an archive, for `loadImage`. */
  get(options?: OptionsOr<CallControl, Readable>, callback?: Callback<Readable>): Promise<Readable> {
    return adapt<CallControl, Readable>(options, callback, bag =>
      this.modem.stream('imageSave', this.#call(bag)),
    )
  }

  /** Gives it one more name. */
  tag(options: OptionsOr<Options<'imageTag'>, void>, callback?: Callback<void>): Promise<void> {
    return adapt(options, callback, bag => this.modem.json('imageTag', this.#call(bag)))
  }

  /** Takes the name away, and the image when it was the last. */
  remove(
    options?: OptionsOr<Options<'imageRemove'>, readonly ImageDeleteItem[]>,
    callback?: Callback<readonly ImageDeleteItem[]>,
  ): Promise<readonly ImageDeleteItem[]> {
    return adapt(options, callback, bag => this.modem.json('imageRemove', this.#call(bag)))
  }

  /** Sends it to its registry; a stream of progress lines. */
  push(
    options?: OptionsOr<WithAuth<Options<'imagePush'>>, Readable>,
    callback?: Callback<Readable>,
    auth?: AuthConfig,
  ): Promise<Readable> {
    return adapt<WithAuth<Options<'imagePush'>>, Readable>(options, callback, bag =>
      // The engine wants the header always, even when there is nothing in it.
      this.modem.stream('imagePush', {
        ...this.#call(bag),
        headers: authHeader(auth ?? bag?.authconfig ?? {}),
      }),
    )
  }

  #call(options: (object & CallControl) | undefined): Call {
    return { params: { name: this.name }, options }
  }
}

/** `X-Registry-Auth`: credentials as base64url JSON; `{ key }` is encoded already. */
export function authHeader(auth: AuthConfig | { readonly key: string }): Record<string, string> {
  const value = 'key' in auth ? auth.key : Buffer.from(JSON.stringify(auth)).toString('base64url')
  return { 'X-Registry-Auth': value }
}
