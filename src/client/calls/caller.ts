import type { Duplex, Readable } from 'node:stream'
import type { ResultOf, RouteName } from '../../api/routes.ts'
import type { Modem } from '../modem/modem.ts'
import { type Call, type CallControl, type Credentials, callDuplex, callRoute } from './call.ts'
import { type Args, type AuthArgs, settle, take, takeAuth } from './callback.ts'

/** Who has a modem and calls routes by it: the client itself, and each thing of an engine that it knows by name. */
export abstract class Caller {
  readonly modem: Modem

  constructor(modem: Modem) {
    this.modem = modem
  }

  /** The parameters in the paths of its calls. */
  protected get params(): Readonly<Record<string, string>> {
    return {}
  }

  /** Calls a route that answers with one value. */
  protected ask<N extends RouteName, O extends object>(
    name: N,
    args: Args<O, ResultOf<N>>,
    more: Call = {},
  ): Promise<ResultOf<N>> {
    return this.work(args, options => this.value(name, options, more))
  }

  /** Calls a route whose answer is read as it comes. */
  protected open<O extends object>(
    name: RouteName,
    args: Args<O, Readable>,
    more: Call = {},
  ): Promise<Readable> {
    return this.work(args, options => this.stream(name, options, more))
  }

  /** Does a work with the options among the arguments, and tells its outcome in dockerode's two forms. */
  protected work<O extends object, R>(
    args: Args<O, R>,
    work: (options: O | undefined) => Promise<R>,
  ): Promise<R> {
    const { options, callback } = take<O, R>(args)
    return settle(this.modem.Promise, callback, () => work(options))
  }

  /** As `ask`, with credentials among the arguments. */
  protected askWithAuth<N extends RouteName, O extends object>(
    name: N,
    args: AuthArgs<Credentials, O, ResultOf<N>>,
  ): Promise<ResultOf<N>> {
    const { auth, options, callback } = takeAuth(args)
    return settle(this.modem.Promise, callback, () => this.value(name, options, { auth }))
  }

  protected async value<N extends RouteName>(
    name: N,
    options: CallOptions,
    more: Call = {},
  ): Promise<ResultOf<N>> {
    return (await callRoute(this.modem, name, this.#call(options, more))) as ResultOf<N>
  }

  protected async bytes(name: RouteName, options: CallOptions): Promise<Buffer> {
    return (await callRoute(this.modem, name, this.#call(options, { give: 'bytes' }))) as Buffer
  }

  protected async stream(name: RouteName, options: CallOptions, more: Call = {}): Promise<Readable> {
    return (await callRoute(this.modem, name, this.#call(options, { ...more, give: 'stream' }))) as Readable
  }

  protected duplex(name: RouteName, options: CallOptions, more: Call): Promise<Duplex> {
    return callDuplex(this.modem, name, this.#call(options, more))
  }

  #call(options: CallOptions, more: Call): Call {
    return { params: this.params, options, ...more }
  }
}

/** A thing of an engine by its id, or by a name that stands for one. Nothing is asked until a method is called. */
export abstract class CallerById extends Caller {
  readonly id: string

  constructor(modem: Modem, id: string) {
    super(modem)
    this.id = id
  }

  protected override get params(): { readonly id: string } {
    return { id: this.id }
  }
}

/** A thing of an engine that has a name alone. Nothing is asked until a method is called. */
export abstract class CallerByName extends Caller {
  readonly name: string

  constructor(modem: Modem, name: string) {
    super(modem)
    this.name = name
  }

  protected override get params(): { readonly name: string } {
    return { name: this.name }
  }
}

type CallOptions = (object & CallControl) | undefined
