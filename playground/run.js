/* netc in the page: its main is called with arguments, on files in memory. It runs in a worker, so that the page answers
 * meanwhile, and a run that nobody waits for any more is ended. */
"use strict";

const netc = (() => {
  const program = WebAssembly.compile(Uint8Array.from(atob(files.program), (c) => c.charCodeAt(0)));
  let worker = null, waiting = null;

  /* What the worker runs: one call of main for each message. It sees nothing of what is around it here. */
  function serve() {
    const whole = (lines) => lines.map((line) => line + "\n").join("");

    function writeFiles(system, folder, texts) {
      for (const [name, text] of Object.entries(texts)) {
        const path = folder + name;
        system.mkdirTree(path.slice(0, path.lastIndexOf("/")));
        system.writeFile(path, text);
      }
    }

    async function run({ program, args, resources, mine }) {
      const output = [], errors = [];
      let status = 0;
      const module = await createNetc({
        noInitialRun: true,
        stdin: () => null,
        print: (line) => output.push(line),
        printErr: (line) => errors.push(line),
        quit(code, end) {
          status = code;
          throw end;
        },
        instantiateWasm(imports, receive) {
          WebAssembly.instantiate(program, imports).then(receive);
          return {};
        },
      });
      writeFiles(module.FS, "", resources);
      writeFiles(module.FS, "/work/", mine);
      module.FS.chdir("/work");
      module.callMain(args);
      return { status, output: whole(output), errors: whole(errors) };
    }

    onmessage = (event) => run(event.data).then(postMessage, (error) => postMessage({ stopped: error.message }));
  }

  /* From a text: browsers let no page that was opened from a disk start a worker from a file. */
  function startWorker() {
    const text = `const _scriptDir = ""; const createNetc = ${createNetc}; (${serve})();`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    worker = new Worker(address);
    URL.revokeObjectURL(address);
    worker.onmessage = ({ data }) => {
      const { resolve, reject } = waiting;
      waiting = null;
      if (data.stopped) reject(new Error(data.stopped));
      else resolve(data);
    };
  }

  /* Ends the run that there is, if any: its promise is refused. */
  function stop() {
    if (!waiting) return;
    worker.terminate();
    worker = null;
    waiting.reject(new Error("another run was wanted"));
    waiting = null;
  }

  /* Runs netc in a folder where `mine` are the files, texts by name; ends a run before. Resolves to the status, and what
   * was printed; is refused if netc did not end by itself. */
  async function run(args, mine) {
    const compiled = await program;
    stop();
    if (!worker) startWorker();
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage({ program: compiled, args, resources: files.resources, mine });
    });
  }

  return { run };
})();
