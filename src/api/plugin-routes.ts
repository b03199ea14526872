/** Plugins, of which our engine has none. */
export const PLUGIN_ROUTES = {
  pluginList: { method: 'GET', path: '/plugins', query: { filters: 'filters' }, answer: 'json' },
  pluginPrivileges: { method: 'GET', path: '/plugins/privileges', query: { remote: 'text' }, answer: 'json' },
  pluginPull: {
    method: 'POST',
    path: '/plugins/pull',
    query: { remote: 'text', name: 'text' },
    body: 'list',
    answer: 'progress',
  },
  pluginCreate: {
    method: 'POST',
    path: '/plugins/create',
    query: { name: 'text' },
    body: 'tar',
    answer: 'empty',
  },
  pluginInspect: { method: 'GET', path: '/plugins/:name+/json', answer: 'json' },
  pluginRemove: { method: 'DELETE', path: '/plugins/:name+', query: { force: 'flag' }, answer: 'json' },
  pluginEnable: {
    method: 'POST',
    path: '/plugins/:name+/enable',
    query: { timeout: 'number' },
    answer: 'empty',
    status: 200,
  },
  pluginDisable: {
    method: 'POST',
    path: '/plugins/:name+/disable',
    query: { force: 'flag' },
    answer: 'empty',
    status: 200,
  },
  pluginUpgrade: {
    method: 'POST',
    path: '/plugins/:name+/upgrade',
    query: { remote: 'text' },
    body: 'list',
    answer: 'progress',
  },
  pluginPush: { method: 'POST', path: '/plugins/:name+/push', answer: 'progress' },
  pluginSet: { method: 'POST', path: '/plugins/:name+/set', body: 'list', answer: 'empty' },
} as const
