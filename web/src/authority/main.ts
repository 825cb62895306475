import "../base.css";
import { mount } from "svelte";

import { register } from "../offline/register";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app")! });
register();
