// svelte-check and the editor read this; the build reads vite.config.js.
export default {};
