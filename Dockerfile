# The official build as one image, for silos and drivers alike: docker build --build-arg TORCH=None|Cpu|Cuda .
# None leaves libtorch out: the CPU kernels need none.
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ARG TORCH=None
WORKDIR /source
COPY Directory.* global.json BannedSymbols.txt .editorconfig ./
COPY src src
RUN dotnet publish src/Driver -c Release -p:Packages=Official -p:Torch=$TORCH --no-self-contained -o /comigs/bin

FROM mcr.microsoft.com/dotnet/runtime:10.0.12-noble
WORKDIR /comigs
COPY --from=build /comigs/bin bin
COPY data data
COPY runs runs
# Volumes begin as copies of these, so that they belong to the user who writes there.
RUN mkdir results state && chown "$APP_UID" results state
USER $APP_UID
ENTRYPOINT ["dotnet", "bin/comigs-driver.dll"]
