import type { Readable } from 'node:stream'
import type { PluginInspect, PluginPrivilege } from '../../api/types/index.ts'
import type { CallControl, Credentials, Options, WithAuth } from '../calls/call.ts'
import { type Args, type AuthArgs, settle, takeAuth } from '../calls/callback.ts'
import { CallerByName } from '../calls/caller.ts'
import type { Modem } from '../modem/modem.ts'

/** A plugin by name. */
export class Plugin extends CallerByName {
  /** Where it comes from. */
  readonly remote: string

  constructor(modem: Modem, name: string, remote?: string) {
    super(modem, name)
    this.remote = remote || name
  }

  /** What it is. */
  inspect(...args: Args<CallControl, PluginInspect>): Promise<PluginInspect> {
    return this.ask('pluginInspect', args)
  }

  /** Removes it. */
  remove(...args: Args<Options<'pluginRemove'>, PluginInspect>): Promise<PluginInspect> {
    return this.ask('pluginRemove', args)
  }

  /** The rights that it asks for. */
  privileges(...args: Args<CallControl, readonly PluginPrivilege[]>): Promise<readonly PluginPrivilege[]> {
    return this.work(args, options => {
      const query: Options<'pluginPrivileges'> = { remote: this.remote, ...options }
      return this.value('pluginPrivileges', query)
    })
  }

  /** Installs it with the rights in `_body`; a stream of progress lines. */
  pull(...args: Args<WithAuth<Options<'pluginPull'>>, Readable>): Promise<Readable> {
    return this.work<WithAuth<Options<'pluginPull'>>, Readable>(args, options => {
      const { _query, authconfig, ...rest } = options ?? {}
      const query = { name: this.name, remote: this.remote, ..._query }
      return this.stream('pluginPull', { _body: [], ...rest, _query: query }, { auth: authconfig })
    })
  }

  /** Has it work. */
  enable(...args: Args<Options<'pluginEnable'>, void>): Promise<void> {
    return this.ask('pluginEnable', args)
  }

  /** Has it stop. */
  disable(...args: Args<Options<'pluginDisable'>, void>): Promise<void> {
    return this.ask('pluginDisable', args)
  }

  /** Sends it to its registry; gives the progress lines when they have all come, as `upgrade` does. */
  push(...args: Args<WithAuth<CallControl>, unknown>): Promise<unknown> {
    return this.work<WithAuth<CallControl>, unknown>(args, options =>
      this.value('pluginPush', options, { auth: options?.authconfig }),
    )
  }

  /** Sets its settings, as `NAME=VALUE`: a list in the place of options, or `_body`. */
  configure(...args: Args<CallControl | readonly string[], void>): Promise<void> {
    return this.ask('pluginSet', args)
  }

  /** Puts another version in its place, with the rights in `_body`. Credentials may come first. */
  upgrade(...args: AuthArgs<Credentials, WithAuth<Options<'pluginUpgrade'>>, unknown>): Promise<unknown> {
    const { auth, options, callback } = takeAuth(args)
    return settle(this.modem.Promise, callback, () => this.value('pluginUpgrade', options, { auth }))
  }
}
