# The official build as one image, for silos and drivers alike: docker build --build-arg TORCH=None|Cpu|Cuda .
# None leaves libtorch out: the CPU kernels need none.
FROM node:22.20.0-bookworm-slim AS page
WORKDIR /source/src/Dashboard/web
COPY src/Dashboard/web .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ARG TORCH=None
WORKDIR /source
COPY Directory.* global.json BannedSymbols.txt .editorconfig ./
COPY src src
COPY --from=page /source/build/local/web build/local/web
RUN dotnet publish src/Driver -c Release -p:Packages=Official -p:Torch=$TORCH --no-self-contained -o /comigs/bin

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
WORKDIR /comigs
COPY --from=build /comigs/bin bin
COPY data data
COPY runs runs
# Volumes begin as copies of these, so that they belong to the user who writes there.
RUN mkdir results state && chown "$APP_UID" results state
USER $APP_UID
ENTRYPOINT ["dotnet", "bin/comigs-driver.dll"]
