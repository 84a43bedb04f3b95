defmodule KubeNativeUmbrella.MixProject do
  use Mix.Project

  # What `mix phx.new` writes of an application, without Phoenix: nothing is fetched for it.
  def project do
    [
      app: :kube_native_umbrella,
      version: "1.0.0",
      deps: [],
      releases: [kube_native_umbrella: [include_executables_for: [:unix]]]
    ]
  end

  def application, do: [extra_applications: [:logger, :runtime_tools, :ssl]]
end
