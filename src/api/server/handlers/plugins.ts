import { failure } from '../../../diagnostics/index.ts'
import type { PLUGIN_ROUTES } from '../../plugin-routes.ts'
import type { Handlers } from '../handler.ts'

/** Plugins: there are none, and none can be added. */
export function pluginHandlers(): Handlers<keyof typeof PLUGIN_ROUTES> {
  return {
    pluginList: async () => [],
    pluginPrivileges: cannotAdd,
    pluginPull: cannotAdd,
    pluginCreate: cannotAdd,
    pluginInspect: async ({ params }) => notThere(params.name),
    pluginRemove: async ({ params }) => notThere(params.name),
    pluginEnable: async ({ params }) => notThere(params.name),
    pluginDisable: async ({ params }) => notThere(params.name),
    pluginUpgrade: async ({ params }) => notThere(params.name),
    pluginPush: async ({ params }) => notThere(params.name),
    pluginSet: async ({ params }) => notThere(params.name),
  }
}

async function cannotAdd(): Promise<never> {
  throw failure({
    code: 'PLUGINS_UNSUPPORTED',
    kind: 'notImplemented',
    summary: 'this engine takes no plugins',
  })
}

/** Docker's words. */
function notThere(name: string): never {
  throw failure({ code: 'PLUGIN_NOT_FOUND', kind: 'notFound', summary: `plugin "${name}" not found` })
}
