import vm from 'node:vm';
import { type Bundle, compile } from './bundle.ts';
import { createRealm } from './globals/install.ts';
import { virtualProcess } from './globals/process.ts';
import { timerFunctions } from './globals/timers.ts';
import type { Host } from './host.ts';
import { BuiltinModules } from './modules/table.ts';

/** The function inside its realm: JSON text in, JSON text out, so that no object crosses between realms. */
export type Handler = (event: string, context: object) => Promise<string>;

/**
 * Loads a bundle into a realm of its own, as a cold start does.
 *
 * @throws whatever the module throws while it is evaluated
 */
export async function loadHandler(host: Host, bundle: Bundle): Promise<Handler> {
  const timers = timerFunctions(host);
  const process = virtualProcess(host);
  const context = createRealm(host, timers, process);
  const builtins = new BuiltinModules(host, timers, process);
  const linked = new Map<string, vm.SyntheticModule>();

  const link = (specifier: string): vm.Module => {
    const known = linked.get(specifier);
    if (known) return known;
    const exports = builtins.load(specifier);
    const names = Object.keys(exports);
    const module = new vm.SyntheticModule(
      names,
      function set(this: vm.SyntheticModule) {
        for (const name of names) this.setExport(name, exports[name]);
      },
      { context, identifier: specifier },
    );
    linked.set(specifier, module);
    return module;
  };

  const importDynamically = async (specifier: string): Promise<vm.Module> => {
    const module = link(specifier);
    if (module.status === 'unlinked') await module.link(link);
    if (module.status === 'linked') await module.evaluate();
    return module;
  };

  const module = compile(bundle, {
    context,
    importModuleDynamically: importDynamically as never,
    initializeImportMeta: (meta) => {
      meta.url = `file://${bundle.file}`;
      meta.filename = bundle.file;
      meta.dirname = '/var/task';
    },
  });
  await module.link(link);
  await module.evaluate();

  const exported = (module.namespace as Record<string, unknown>)[bundle.exportName];
  if (typeof exported !== 'function') {
    const error = new Error(
      `${bundle.file
        .split('/')
        .at(-1)
        ?.replace(/\.mjs$/, '')}.${bundle.exportName} is undefined or not exported`,
    );
    throw Object.assign(error, { name: 'Runtime.HandlerNotFound' });
  }
  return vm.runInContext(wrapHandler, context)(exported) as Handler;
}

const wrapHandler = `(handler) => async (event, context) => {
  const result = await handler(JSON.parse(event), context);
  return JSON.stringify(result === undefined ? null : result) ?? 'null';
}`;
